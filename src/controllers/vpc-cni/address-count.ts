/** controllers/vpc-cni/address-count — arithmetic of blocks and addresses. */

/** A delegated prefix is a /28; pods use all of it, the first and last address too. */
export const ADDRESSES_PER_PREFIX = 16;

/** Quotient rounded up; `by` > 0. */
export const divideUp = (count: number, by: number): number => Math.ceil(count / by);
