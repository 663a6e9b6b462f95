/**
 * controllers/vpc-cni/route-table-id — which routing table an ENI's traffic uses.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/networkutils/network.go:950-1000.
 */

export const MAIN_TABLE = 254;
export const LOCAL_TABLE = 255;

/** Main for the primary ENI; device N of card 0 has table N+1, device D of card K 10000+100K+D. */
export function routeTableOf(deviceNumber: number, networkCard: number): number {
  if (networkCard > 0) return 10_000 + 100 * networkCard + deviceNumber;
  return deviceNumber === 0 ? MAIN_TABLE : deviceNumber + 1;
}

/** The table of a branch interface. */
export const branchRouteTable = (vlanId: number): number => 100 + vlanId;
