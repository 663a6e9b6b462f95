/**
 * cloud/elbv2/attribute-values — what attributes may be set to. Source: ELB API 2015-12-01,
 * LoadBalancerAttribute, TargetGroupAttribute and ListenerAttribute.
 */
import type { AwsError } from '../../model/aws-error.ts';
import { validationError } from './elb-error.ts';

type Allowed = readonly string[] | readonly [least: number, most: number];

const BOOLEAN = ['true', 'false'];

/** By key; attributes that end in `.enabled` are true or false, any other may be anything. */
const ALLOWED: Readonly<Record<string, Allowed>> = {
  'idle_timeout.timeout_seconds': [1, 4_000],
  'client_keep_alive.seconds': [60, 604_800],
  'routing.http.desync_mitigation_mode': ['monitor', 'defensive', 'strictest'],
  'routing.http.xff_header_processing.mode': ['append', 'preserve', 'remove'],
  'dns_record.client_routing_policy': [
    'availability_zone_affinity',
    'partial_availability_zone_affinity',
    'any_availability_zone',
  ],
  'secondary_ips.auto_assigned.per_subnet': [0, 7],
  'deregistration_delay.timeout_seconds': [0, 3_600],
  'stickiness.type': [
    'lb_cookie',
    'app_cookie',
    'source_ip',
    'source_ip_dest_ip',
    'source_ip_dest_ip_proto',
  ],
  'stickiness.lb_cookie.duration_seconds': [1, 604_800],
  'stickiness.app_cookie.duration_seconds': [1, 604_800],
  'load_balancing.algorithm.type': ['round_robin', 'least_outstanding_requests', 'weighted_random'],
  'load_balancing.algorithm.anomaly_mitigation': ['on', 'off'],
  'slow_start.duration_seconds': [0, 900],
  'target_health_state.unhealthy.draining_interval_seconds': [0, 360_000],
  'tcp.idle_timeout.seconds': [60, 6_000],
};

/** Of a target group it has a third value; of a load balancer two. */
const CROSS_ZONE = 'load_balancing.cross_zone.enabled';

function allowedFor(noun: string, key: string): Allowed | undefined {
  if (key === CROSS_ZONE && noun === 'Target group')
    return [...BOOLEAN, 'use_load_balancer_configuration'];
  return ALLOWED[key] ?? (key.endsWith('.enabled') ? BOOLEAN : undefined);
}

const isRange = (allowed: Allowed): allowed is readonly [number, number] =>
  typeof allowed[0] === 'number';

/** What is wrong with an attribute's value. */
export function valueRefusal(noun: string, key: string, value: string): AwsError | undefined {
  const allowed = allowedFor(noun, key);
  if (allowed === undefined) return undefined;
  if (isRange(allowed)) {
    const [least, most] = allowed;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return undefined;
    return validationError(
      `${noun} attribute value '${value}' for '${key}' must be in the range '${least}-${most}'`,
    );
  }
  if (allowed.includes(value)) return undefined;
  return validationError(
    `${noun} attribute value '${value}' for '${key}' must be one of '${allowed.join(', ')}'`,
  );
}
