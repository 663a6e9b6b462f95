/**
 * conformance/adapters/lbc-service-ports — upstream's table test of a Service's port by name or
 * number (pkg/k8s, as far as we have its functions).
 */
import { servicePortOf } from '../../src/controllers/load-balancer/service/service-port.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import type { Json } from '../lbc-aws.ts';
import { tableAdapter } from '../lbc-table.ts';

export const adapter = tableAdapter('pkg/k8s', {
  TestLookupServicePort: {
    run: ({ args }) => {
      const { svc, port } = args as Json;
      return servicePortOf(svc as Service, port as number | string);
    },
  },
});
