export { certificate, key } from "../../render/fixture.ts";

/** A private key that does not fit. */
export const otherKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIEU9eNSp44vhwiYJYy9ZdiHiDa33UdTPu2u1ZEqCLwnJoAoGCCqGSM49
AwEHoUQDQgAEsAIl883Dy9fG/qBFyZJmeULylHIopuhQNn9MSJc270SW6CpFV2gc
2fUO7JT7rzBpqmHL2OFVvAv8IcFrneFI1w==
-----END EC PRIVATE KEY-----
`;
