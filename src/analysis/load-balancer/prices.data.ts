/**
 * analysis/load-balancer/prices — what a load balancer costs for being there: US dollars an hour by
 * region, on demand, as AWS's price list had them in autumn 2026.
 *
 * Source: the public price list (AWSELB, `LoadBalancerUsage`; AmazonVPC,
 * `PublicIPv4:InUseAddress`), https://aws.amazon.com/elasticloadbalancing/pricing. What traffic adds
 * (LCU, NLCU, gigabytes) is not here.
 */
interface HourlyPrice {
  readonly application: number;
  readonly network: number;
  readonly classic: number;
}

const same = (both: number, classic: number): HourlyPrice => ({
  application: both,
  network: both,
  classic,
});

/** When the figures were read. */
export const PRICES_AS_OF = '2026-10';

/** Regions that are not here have no figure that was checked. */
export const HOURLY_PRICES: Readonly<Record<string, HourlyPrice>> = {
  'us-east-1': same(0.0225, 0.025),
  'us-east-2': same(0.0225, 0.025),
  'us-west-1': same(0.0252, 0.028),
  'us-west-2': same(0.0225, 0.025),
  'ca-central-1': same(0.02475, 0.0275),
  'eu-west-1': same(0.0252, 0.028),
  'eu-west-2': same(0.02646, 0.0294),
  'eu-central-1': same(0.027, 0.03),
  'ap-south-1': same(0.0239, 0.0266),
  'ap-southeast-1': same(0.0252, 0.028),
  'ap-southeast-2': same(0.0252, 0.028),
  'ap-northeast-1': same(0.0243, 0.027),
  'ap-northeast-2': same(0.0225, 0.025),
};

/** Of every public IPv4 address in use, in every region. */
export const PUBLIC_ADDRESS_PER_HOUR = 0.005;

/** As AWS counts a month. */
export const HOURS_PER_MONTH = 730;
