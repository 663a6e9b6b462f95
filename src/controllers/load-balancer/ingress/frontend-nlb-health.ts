/**
 * load-balancer/ingress/frontend-nlb-health — health checks from the network load balancer to the
 * group's own, merged over members: what one says outright wins over what others leave open.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_frontend_nlb.go
 * buildFrontendNlbTargetGroupHealthCheckConfig, mergeFrontendNlbListenPortConfigs.
 */
import { parseIntOrString } from '../annotations/go-literals.ts';
import type { Annotations } from '../annotations/parser.ts';
import { BuildError } from '../build-error.ts';
import type { HealthCheckSpec } from '../stack/target-group-spec.ts';
import { alb } from './alb-annotations.ts';
import type { ClassifiedIngress } from './group.ts';
import { annotationsOf } from './group-build.ts';
import { checkProtocolOf, TRAFFIC_PORT } from './target-group-health.ts';

type Field = Exclude<keyof HealthCheckSpec, never>;

/** In the order in which upstream merges them. */
const MERGED: readonly (readonly [Field, string])[] = [
  ['intervalSeconds', 'IntervalSeconds'],
  ['timeoutSeconds', 'TimeoutSeconds'],
  ['healthyThresholdCount', 'HealthyThresholdCount'],
  ['unhealthyThresholdCount', 'UnhealthyThresholdCount'],
  ['protocol', 'Protocol'],
  ['path', 'Path'],
  ['matcher', 'Matcher'],
  ['port', 'Port'],
];

const DEFAULTS = {
  port: TRAFFIC_PORT,
  protocol: 'HTTP',
  path: '/',
  matcher: { httpCode: '200' },
  intervalSeconds: 15,
  timeoutSeconds: 5,
  healthyThresholdCount: 2,
  unhealthyThresholdCount: 2,
} as const satisfies HealthCheckSpec;

export class FrontendHealth {
  /** Members added so far. */
  count = 0;
  #explicit: HealthCheckSpec = {};

  /** Every field, in the order of its JSON. */
  get spec(): HealthCheckSpec {
    return { ...DEFAULTS, ...this.#explicit };
  }

  /** @throws BuildError  where an annotation is wrong or another member's differs */
  add(member: ClassifiedIngress): void {
    this.merge(explicitHealth(annotationsOf(member)));
  }

  /** As `add`, of what a member says outright. */
  merge(own: HealthCheckSpec): void {
    this.count++;
    for (const [field, name] of MERGED) {
      const [before, now] = [this.#explicit[field], own[field]];
      if (now === undefined) continue;
      // Matchers are compared as pointers upstream: two are never the same.
      if (before !== undefined && (before !== now || field === 'matcher')) {
        throw new BuildError(
          `conflicting ${name}, config ${this.count}: ${textOf(field, now)}, ` +
            `previous: ${textOf(field, before)}`,
        );
      }
      this.#explicit = { ...this.#explicit, [field]: now };
    }
  }
}

/** As Go prints the field: of a matcher an address upstream, here its codes. */
function textOf(field: Field, value: HealthCheckSpec[Field]): string {
  if (field === 'port') {
    return typeof value === 'number' ? `{0 ${value} }` : `{1 0 ${String(value)}}`;
  }
  return typeof value === 'object' ? `{${value.httpCode ?? '<nil>'} <nil>}` : String(value);
}

/** What the annotations say, and nothing else. @throws BuildError */
function explicitHealth(annotations: Annotations): HealthCheckSpec {
  const suffix = (name: string): string => `frontend-nlb-healthcheck-${name}`;
  const port = portOf(alb.string(suffix('port'), annotations));
  const protocol = alb.string(suffix('protocol'), annotations);
  const code = alb.string(suffix('success-codes'), annotations);
  return defined({
    port,
    protocol: protocol === undefined ? undefined : checkProtocolOf(protocol),
    path: alb.string(suffix('path'), annotations),
    matcher: code === undefined ? undefined : { httpCode: code },
    intervalSeconds: alb.int32(suffix('interval-seconds'), annotations),
    timeoutSeconds: alb.int32(suffix('timeout-seconds'), annotations),
    healthyThresholdCount: alb.int32(suffix('healthy-threshold-count'), annotations),
    unhealthyThresholdCount: alb.int32(suffix('unhealthy-threshold-count'), annotations),
  });
}

const defined = (spec: HealthCheckSpec): HealthCheckSpec =>
  Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));

function portOf(raw: string | undefined): number | string | undefined {
  if (raw === undefined || raw === TRAFFIC_PORT) return raw;
  const port = parseIntOrString(raw);
  if (typeof port === 'number') return port;
  throw new BuildError('failed to resolve healthCheckPort');
}
