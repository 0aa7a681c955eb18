import * as pulumi from "@pulumi/pulumi";

export const hello = pulumi.output("world");
