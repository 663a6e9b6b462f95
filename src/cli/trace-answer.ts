/** cli/trace-answer — reads trace's flags, asks, and prints in the form that was asked for. */
import colors from 'picocolors';
import type { RequestWords } from '../analysis/trace/asked-request.ts';
import { distributionOf } from '../analysis/trace/distribution.ts';
import { type TraceQuestion, traceAnswer } from '../analysis/trace/question.ts';
import type { HttpHeader } from '../datapath/elb/http-request.ts';
import type { Layer } from '../datapath/trace.ts';
import { InputError } from '../model/input-error.ts';
import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type Protocol,
  parseProtocol,
} from '../net/index.ts';
import type { Twin } from '../twin/twin.ts';
import { distributionJson, distributionLines } from './render/distribution.ts';
import { traceText } from './render/trace.ts';
import { traceJson } from './render/trace-json.ts';

export interface TraceFlags {
  readonly proto: string;
  readonly icmp?: string;
  readonly size?: string;
  readonly fromPort: string;
  readonly namespace: string;
  readonly host?: string;
  readonly path?: string;
  readonly method?: string;
  readonly header?: readonly string[];
  readonly allBackends?: boolean;
  readonly distribution?: boolean;
  readonly return: boolean;
  readonly layer?: Layer;
  readonly verbose?: boolean;
  readonly output: 'text' | 'json' | 'yaml' | 'mermaid' | 'flow-logs';
}

const MODELLED: readonly number[] = [
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  PROTOCOL_SCTP,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
];

/** Ways walked at most: unless all are asked for, enough to tell how a big service behaves. */
const WAYS = { some: 64, all: 1_000 } as const;

/** @throws InputError for a value that is none */
export function readTraceFlags(from: string, to: string, flags: TraceFlags): TraceQuestion {
  const protocol = readProtocol(flags.proto);
  const isIcmp = protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;
  if (flags.icmp !== undefined && !isIcmp) {
    throw new InputError(
      `--icmp ${flags.icmp}`,
      `the protocol is ${flags.proto}`,
      'add --proto icmp',
    );
  }
  return {
    from,
    to,
    protocol,
    icmp: flags.icmp === undefined ? undefined : readIcmp(flags.icmp),
    sizeBytes: wholeNumber('--size', flags.size, 28, 65_535),
    sourcePort: wholeNumber('--from-port', flags.fromPort, 1, 65_535),
    withReturn: flags.return,
    namespace: flags.namespace,
    limit: flags.allBackends === true ? WAYS.all : WAYS.some,
    request: readRequest(flags),
  };
}

function readRequest({ host, path, method, header = [] }: TraceFlags): RequestWords | undefined {
  if ([host, path, method].every((it) => it === undefined) && header.length === 0) return undefined;
  if (path !== undefined && !path.startsWith('/')) {
    throw new InputError(`--path ${path}`, 'a path begins with /', `write --path /${path}`);
  }
  if (method !== undefined && !/^[A-Za-z_-]{1,40}$/.test(method)) {
    throw new InputError(`--method ${method}`, 'no such method', 'write for example --method POST');
  }
  return { host, path, method, headers: header.length === 0 ? undefined : header.map(readHeader) };
}

function readHeader(text: string): HttpHeader {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { name, value };
  throw new InputError(
    `--header ${text}`,
    'not NAME:VALUE',
    'write for example --header "X-Version: 2"',
  );
}

function readProtocol(text: string): Protocol {
  const protocol = parseProtocol(text.toLowerCase());
  if (protocol === undefined) {
    throw new InputError(
      `--proto ${text}`,
      'no such protocol',
      'write tcp, udp, sctp, icmp or icmpv6',
    );
  }
  if (MODELLED.includes(protocol)) return protocol;
  throw new InputError(
    `--proto ${text}`,
    'declared, not simulated: what hosts do with this protocol is not modelled',
    'write tcp, udp, sctp, icmp or icmpv6',
  );
}

function readIcmp(text: string): { type: number; code: number } {
  const match = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(text);
  const type = Number(match?.[1]);
  const code = Number(match?.[2] ?? 0);
  if (match !== null && type <= 255 && code <= 255) return { type, code };
  throw new InputError(
    `--icmp ${text}`,
    'not TYPE or TYPE/CODE',
    'write for example --icmp 8 or --icmp 3/4',
  );
}

function wholeNumber(
  flag: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InputError(
    `${flag} ${text}`,
    'not a whole number in the range',
    `write a whole number from ${least} to ${most}`,
  );
}

const NAMED_KINDS = [
  ['subnet', 'ec2/subnet'],
  ['nat', 'ec2/nat-gateway'],
  ['igw', 'ec2/internet-gateway'],
] as const;

/** A place by its Name tag without its stack, `subnet private-a`; a node without its domain. */
function placeName(twin: Twin, place: string, isVerbose: boolean): string {
  if (place.startsWith('node ')) return place.replace(/\..*$/, '');
  const [word, kind] = NAMED_KINDS.find(([prefix]) => place.startsWith(`${prefix}-`)) ?? [];
  const name = kind && twin.store.get(kind, place)?.tags.Name?.replace(/^.*\//, '');
  if (name === undefined) return place;
  return isVerbose ? `${place} (${name})` : `${word} ${name}`;
}

/** Prints the answer; the exit status: 0 delivered, 1 not. */
export async function printTrace(
  twin: Twin,
  question: TraceQuestion,
  flags: TraceFlags,
): Promise<number> {
  const answer = traceAnswer(twin.datapath, question);
  const distribution =
    flags.distribution === true ? distributionOf(twin.datapath.world, answer) : undefined;
  const isTerminal = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const { green, red, gray } = colors.createColors(isTerminal);
  if (flags.output === 'text') {
    const view = {
      layer: flags.layer,
      verbose: flags.verbose === true,
      allBranches: flags.allBackends === true,
      paint: { good: green, bad: red, faint: gray },
      nameOf: (place: string) => placeName(twin, place, flags.verbose === true),
    };
    console.log(traceText(answer, view, distribution && distributionLines(distribution)));
  } else if (flags.output === 'flow-logs') {
    const { flowLogLines } = await import('./render/flow-log-lines.ts');
    for (const line of flowLogLines(twin, answer.branches)) console.log(line);
  } else if (flags.output === 'mermaid') {
    const { traceMermaid } = await import('./render/trace-mermaid.ts');
    console.log(traceMermaid(answer, flags.layer));
  } else {
    const { asJson, asYaml } = await import('./render/structured.ts');
    const plain = {
      ...traceJson(answer, flags.layer),
      distribution: distribution && distributionJson(distribution),
    };
    console.log(flags.output === 'json' ? asJson(plain) : await asYaml(plain));
  }
  return answer.disposition === 'delivered' ? 0 : 1;
}
