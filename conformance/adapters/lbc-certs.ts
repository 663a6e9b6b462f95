/**
 * conformance/adapters/lbc-certs — upstream's table tests of certificates found by host (pkg/certs);
 * those whose ACM is a Go function are not for us.
 */
import { isFor } from '../../src/controllers/load-balancer/ingress/certificates.ts';
import type { Json } from '../lbc-aws.ts';
import { SKIPPED, tableAdapter } from '../lbc-table.ts';

export const adapter = tableAdapter('pkg/certs', {
  Test_acmCertDiscovery_domainMatchesHost: {
    run: ({ args }) => isFor(String((args as Json).domainName), String((args as Json).tlsHost)),
  },
  Test_acmCertDiscovery_loadAllCertificateARNs: { run: () => SKIPPED },
});
