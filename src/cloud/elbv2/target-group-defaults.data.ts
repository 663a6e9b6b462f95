/**
 * cloud/elbv2/target-group-defaults.data — what a new target group's attributes are, and how it
 * checks health unless told.
 *
 * Source: ELB API 2015-12-01, TargetGroupAttribute and CreateTargetGroup.
 */
type Attributes = Readonly<Record<string, string>>;

const BOTH: Attributes = {
  'deregistration_delay.timeout_seconds': '300',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  'stickiness.enabled': 'false',
  'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
};

/** HTTP and HTTPS. */
export const APPLICATION_GROUP_ATTRIBUTES: Attributes = {
  ...BOTH,
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.algorithm.type': 'round_robin',
  'slow_start.duration_seconds': '0',
  'stickiness.app_cookie.cookie_name': '',
  'stickiness.app_cookie.duration_seconds': '86400',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'stickiness.type': 'lb_cookie',
};

/** TCP, TLS, UDP and their kind; what depends on protocol and target type is set beside it. */
export const NETWORK_GROUP_ATTRIBUTES: Attributes = {
  ...BOTH,
  'deregistration_delay.connection_termination.enabled': 'false',
  'preserve_client_ip.enabled': 'true',
  'proxy_protocol_v2.enabled': 'false',
  'stickiness.type': 'source_ip',
  'target_health_state.unhealthy.connection_termination.enabled': 'true',
  'target_health_state.unhealthy.draining_interval_seconds': '0',
};

export const HEALTH_CHECK_DEFAULTS = {
  enabled: true,
  port: 'traffic-port',
  intervalSeconds: 30,
  healthyThresholdCount: 5,
  unhealthyThresholdCount: 2,
} as const;
