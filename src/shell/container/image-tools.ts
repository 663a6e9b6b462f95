/**
 * shell/container/image-tools — the programs that are in an image, whose they are, and what it does
 * with its arguments: out of the one table of images.
 */
import { nc } from '../busybox/nc.ts';
import { nslookup } from '../busybox/nslookup.ts';
import { oldNslookup } from '../busybox/old-nslookup.ts';
import { ping } from '../busybox/ping.ts';
import { traceroute } from '../busybox/traceroute.ts';
import { wget } from '../busybox/wget.ts';
import { PROGRAMS } from '../programs.ts';
import type { Program } from '../run.ts';
import { imageOf } from './image.ts';
import { BUSYBOX_APPLETS } from './images.data.ts';

/** Where BusyBox's say other things than everybody's. */
const BUSYBOX: ReadonlyMap<string, Program> = new Map([
  ['nc', nc],
  ['netcat', nc],
  ['nslookup', nslookup],
  ['ping', ping],
  ['ping6', ping],
  ['traceroute', traceroute],
  ['traceroute6', traceroute],
  ['wget', wget],
]);

/** A program of an image; undefined: it is not in it, or not built in. */
export function programOf(image: string | undefined, name: string): Program | undefined {
  const { has, more = [], isOld } = imageOf(image);
  if (has === 'everything' || more.includes(name)) return PROGRAMS.get(name);
  if (has === 'nothing' || !BUSYBOX_APPLETS.has(name)) return undefined;
  if (isOld === true && name === 'nslookup') return oldNslookup;
  return BUSYBOX.get(name) ?? PROGRAMS.get(name);
}

/** What an image runs when a pod gives only arguments; undefined: nobody knows. */
export function entrypointOf(
  image: string | undefined,
  args: readonly string[],
): readonly string[] | undefined {
  const { runs } = imageOf(image);
  if (runs === undefined) return undefined;
  const [first = ''] = args;
  const isOwn = first.startsWith('-') || programOf(image, first) === undefined;
  return isOwn ? [runs, ...args] : args;
}
