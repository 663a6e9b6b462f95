/**
 * api/aws/page — one page of a list, and the token that goes on after it. A token is good for its
 * own operation only; AWS refuses any other.
 */
import type { AwsCall } from './operation.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly next: string | undefined;
}

const tokenOf = (operation: string, from: number): string =>
  Buffer.from(`${operation}:${from}`).toString('base64url');

function startOf(operation: string, token: string): number | undefined {
  const [of, from] = Buffer.from(token, 'base64url').toString().split(':');
  return of === operation && /^\d+$/.test(from ?? '') ? Number(from) : undefined;
}

/**
 * Up to `size` items from where `token` says; undefined for a token that is not this operation's.
 */
export function pageOf<Item>(
  { operation }: AwsCall,
  all: readonly Item[],
  size: number,
  token: string | undefined,
): Page<Item> | undefined {
  const start = token === undefined ? 0 : startOf(operation, token);
  if (start === undefined) return undefined;
  const end = start + size;
  return {
    items: start === 0 && end >= all.length ? all : all.slice(start, end),
    next: end < all.length ? tokenOf(operation, end) : undefined,
  };
}
