/**
 * conformance/adapters/lbc-webhooks — upstream's table tests of the webhook of Ingresses
 * (webhooks/networking).
 *
 * Schema: shared vectors lbc/README.md, "tables".
 */
import {
  checkClassAnnotation,
  checkClassName,
  checkConditions,
  checkGroupAnnotation,
  isOurs,
} from '../../src/controllers/load-balancer/webhooks/ingress-validator.ts';
import type { Ingress } from '../../src/model/kubernetes/ingress.ts';
import type { Json } from '../lbc-aws.ts';
import { ingressOf } from '../lbc-ingress.ts';
import { lookupsOf } from '../lbc-ingress-store.ts';
import { errorOnly, type TableRule, tableAdapter } from '../lbc-table.ts';

const fieldsOf = ({ fields }: Json): Json => (fields ?? {}) as Json;

const checking = (
  check: (ingress: Ingress, before: Ingress | undefined, it: Json) => void,
): TableRule => ({
  run: (it) => {
    const { ing, oldIng } = ((it.args as Json | undefined) ?? it) as Json;
    check(ingressOf(ing), oldIng == null ? undefined : ingressOf(oldIng), it);
  },
  wanted: errorOnly,
});

export const adapter = tableAdapter('webhooks/networking', {
  Test_ingressValidator_checkIngressClass: {
    run: (it) => {
      const ingressClass = String(it.configuredIngressClass ?? '');
      return !isOurs(ingressOf(it.ing), lookupsOf(it), { ingressClass });
    },
    wanted: ({ expected }) => expected,
  },
  Test_ingressValidator_checkIngressClassAnnotationUsage: checking((ingress, before, it) =>
    checkClassAnnotation(ingress, before, {
      ingressClass: 'alb',
      disableIngressClassAnnotation: fieldsOf(it).disableIngressClassAnnotation === true,
    }),
  ),
  Test_ingressValidator_checkGroupNameAnnotationUsage: checking((ingress, before, it) =>
    checkGroupAnnotation(ingress, before, {
      disableIngressGroupNameAnnotation: fieldsOf(it).disableIngressGroupAnnotation === true,
    }),
  ),
  Test_ingressValidator_checkIngressClassUsage: checking((ingress, before, it) =>
    checkClassName(ingress, before, lookupsOf(it.env as Json)),
  ),
  Test_ingressValidator_checkIngressAnnotationConditions: checking((ingress) =>
    checkConditions(ingress),
  ),
});
