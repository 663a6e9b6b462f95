/**
 * twin/datapath — what a twin's packets go through, put together from what its controllers wrote:
 * namespaces, the VPC, policy, names. Made once for a twin; each part follows the store.
 */
