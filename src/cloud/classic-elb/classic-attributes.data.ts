/**
 * cloud/classic-elb/classic-attributes.data — what a new Classic Load Balancer's attributes are,
 * under the names the later API gave the same things. Source: ELB API 2012-06-01,
 * LoadBalancerAttributes.
 */
export const CLASSIC_ATTRIBUTES: Readonly<Record<string, string>> = {
  'access_logs.s3.bucket': '',
  'access_logs.s3.emit_interval_minutes': '60',
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.prefix': '',
  'connection_draining.enabled': 'false',
  'connection_draining.timeout_seconds': '300',
  'idle_timeout.timeout_seconds': '60',
  'load_balancing.cross_zone.enabled': 'false',
  'routing.http.desync_mitigation_mode': 'defensive',
};
