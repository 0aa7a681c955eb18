export { certificate, key } from "../../render/fixture.ts";

/** A private key that does not fit. */
export const otherKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIEU9eNSp44vhwiYJYy9ZdiHiDa33UdTPu2u1ZEqCLwnJoAoGCCqGSM49
AwEHoUQDQgAEsAIl883Dy9fG/qBFyZJmeULylHIopuhQNn9MSJc270SW6CpFV2gc
2fUO7JT7rzBpqmHL2OFVvAv8IcFrneFI1w==
-----END EC PRIVATE KEY-----
`;

/** Keys and certificates that are made for these tests alone: EC keys as `openssl ecparam -genkey` writes them, with their parameters. */
export const own = {
  key: `-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFKuLpCc/ekzcWkE5xNGPrn3LU3k/7LZ+kCAfjJuDiZtoAoGCCqGSM49
AwEHoUQDQgAERZrzTPeR3lQ38ttlk3S3woo6BBXP7oH7SkyvqP6kHbvqzQwhCg4M
oENr8zQi5/Lq02KazGnEk1X0QaN8mUGafQ==
-----END EC PRIVATE KEY-----
`,
  /** The same key with a passphrase. */
  encrypted: `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiFSAMwHWb07gICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENWXN2DusQLlMHqqlxDgSFgEgZDW
YBYlnPp4+apJBhQFDb2KA1+jaaspdefCVW46Nlqnr3aj0KclgwyThtuFR8OkpUh/
XMNRHFcPA/QVJ3LuLjwaFpUs7F6v6x6ApmwI8XUq/aJ9pjH0ClVq+zIXXbNZx0Zc
JjAUtNit6n3k2slcpDJwqCs8lNZjY29mA4DTlLoTwtLNQIvsesnzBmuSWEPqCvQ=
-----END ENCRYPTED PRIVATE KEY-----
`,
  /** For app.example.com and *.apps.example.com, from 2026 to 2126. */
  certificate: `-----BEGIN CERTIFICATE-----
MIIBdjCCAR2gAwIBAgICEAAwCgYIKoZIzj0EAwIwGjEYMBYGA1UEAwwPYXBwLmV4
YW1wbGUuY29tMCAXDTI2MDEwMTAwMDAwMFoYDzIxMjYwMTAxMDAwMDAwWjAaMRgw
FgYDVQQDDA9hcHAuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AARFmvNM95HeVDfy22WTdLfCijoEFc/ugftKTK+o/qQdu+rNDCEKDgygQ2vzNCLn
8urTYprMacSTVfRBo3yZQZp9o1EwTzAuBgNVHREEJzAlgg9hcHAuZXhhbXBsZS5j
b22CEiouYXBwcy5leGFtcGxlLmNvbTAdBgNVHQ4EFgQUIkYe/jA/FqgvBBM7jyKP
pGjfYyQwCgYIKoZIzj0EAwIDRwAwRAIgXwtlZkyWFld9Y482eSi8RgKGm5ODX6Un
0as/lPTfwtsCIFTOhbndnxLmIR9XPdkOqDq7dh+YTgIQZsaFByZbYRa9
-----END CERTIFICATE-----
`,
};

/** A certificate that ended in 2021, and its key. */
export const ended = {
  key: `-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIGxzPg+QeyDUJKur163QZ2vdiyYck5o6nrL6MmNq2l7GoAoGCCqGSM49
AwEHoUQDQgAEhJYKdwrwYVQaSX40zqiGF+p3XW49Pxs2KNvUM6QXQZImU/2n7xZ+
I560AnE46iSpz+G3f0wdi018vBd70g3ERw==
-----END EC PRIVATE KEY-----
`,
  certificate: `-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgICEAEwCgYIKoZIzj0EAwIwGjEYMBYGA1UEAwwPYXBwLmV4
YW1wbGUuY29tMB4XDTIwMDEwMTAwMDAwMFoXDTIxMDEwMTAwMDAwMFowGjEYMBYG
A1UEAwwPYXBwLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
hJYKdwrwYVQaSX40zqiGF+p3XW49Pxs2KNvUM6QXQZImU/2n7xZ+I560AnE46iSp
z+G3f0wdi018vBd70g3ER6M9MDswGgYDVR0RBBMwEYIPYXBwLmV4YW1wbGUuY29t
MB0GA1UdDgQWBBSRttziAlAuHBY+NujyzqIZhmZ0FTAKBggqhkjOPQQDAgNIADBF
AiBp2fu1VGdu4q7IXdPY0aXjPWoNcJkAS4HMLOkDBCq/vQIhANKCFm2fTyWGE/yG
kp0v4EZixDaOjOgCOddspep70EWV
-----END CERTIFICATE-----
`,
};
