/**
 * conformance/adapters/dns-coredns-unit — CoreDNS's unit tables (coredns-unit.json): host names of
 * endpoints, the parts of a name, and the kubernetes directive. What is of the multicluster and
 * zonal forms is not for this adapter.
 *
 * Schema: rows of upstream's tests in their field order, plugin/kubernetes/*_test.go.
 */

import { planCoredns } from '../../src/datapath/dns/coredns.ts';
import { kubernetesOptions } from '../../src/datapath/dns/kubernetes-options.ts';
import { endpointHostname } from '../../src/datapath/dns/kubernetes-records.ts';
import { parseKubernetesName } from '../../src/datapath/dns/kubernetes-request.ts';
import { isPluginProblem } from '../../src/datapath/dns/plugin.ts';
import { parseCorefile } from '../../src/model/coredns/corefile.ts';
import type { Adapter, CaseResult } from '../adapter.ts';

interface File {
  readonly endpointHostname: readonly (readonly [string, string, string, string, boolean])[];
  readonly parseRequest: readonly (readonly [string, string, boolean, boolean, string])[];
  readonly parseInvalid: readonly string[];
  readonly corefileParse: readonly (readonly unknown[])[];
  readonly ttlParse: readonly (readonly [string, unknown, boolean])[];
}

const isFile = (json: unknown): json is File => {
  const { endpointHostname: hosts, parseRequest, corefileParse } = (json ?? {}) as Partial<File>;
  return [hosts, parseRequest, corefileParse].every((table) => Array.isArray(table));
};

/** The zone of parse_test.go. */
const ZONES = ['inter.webs.tests.', 'inter.webs.test.'];

const result = (name: string, got: unknown, wanted: unknown): CaseResult =>
  got === wanted ? { name } : { name, failure: `got ${String(got)}, wanted ${String(wanted)}` };

function runRequest([name, wanted, multicluster, zonal]: File['parseRequest'][number]): CaseResult {
  const label = `parseRequest ${name}`;
  if (multicluster || zonal) return { name: label, skipped: 'multicluster or zonal names' };
  const zone = ZONES.find((it) => name.endsWith(it))!;
  const request = parseKubernetesName(name, zone);
  const { port, protocol, endpoint, service, namespace, kind = '' } = request ?? {};
  const parts = [port, protocol, endpoint, '', service, namespace, kind];
  return result(label, request === undefined ? 'invalid' : parts.join('.'), wanted);
}

/** What became of one kubernetes directive: its options, or why it is refused. */
function directive(text: string) {
  const corefile = parseCorefile(`.:53 {\n${text}\n}`, 'Corefile');
  if (corefile.kind === 'corefile-problem') return corefile;
  const plan = planCoredns(`.:53 {\n${text}\n}`, 'Corefile');
  if (plan.kind === 'corefile-problem') return plan;
  const [server] = corefile.servers;
  return kubernetesOptions(server!.directives[0]!, ['.']);
}

const PODS: Readonly<Record<string, string>> = {
  podModeDisabled: 'disabled',
  podModeInsecure: 'insecure',
  podModeVerified: 'verified',
};

function runCorefile(row: readonly unknown[]): CaseResult {
  const [text, isWrong, words, zones, namespaces, , , mode] = row as readonly [
    string,
    boolean,
    string,
    number,
    number,
    string,
    string,
    { readonly $id: string },
  ];
  const name = `corefile ${JSON.stringify(text)}`;
  const options = directive(text);
  if ('problem' in options) {
    if (!isWrong) return { name, failure: `refused: ${options.problem}` };
    const isSame = options.problem.includes(words.replace(/^Error during parsing: /, ''));
    return isSame ? { name } : { name, failure: `refused with "${options.problem}"` };
  }
  if (isWrong) return { name, failure: 'was not refused' };
  const got = [options.zones.length, options.namespaces.size, options.pods].join(' ');
  return result(name, got, [zones, namespaces, PODS[mode.$id]].join(' '));
}

function runTtl([text, ttl, isWrong]: File['ttlParse'][number]): CaseResult {
  const name = `ttl ${JSON.stringify(text)}`;
  const options = directive(text.trim());
  if ('problem' in options || isPluginProblem(options))
    return isWrong ? { name } : { name, failure: 'was refused' };
  return result(name, isWrong ? 'taken' : options.ttl, typeof ttl === 'number' ? ttl : 5);
}

export const adapter: Adapter = {
  name: 'dns/coredns-unit',
  accepts: (_path, json) => isFile(json),
  run: (json) => {
    if (!isFile(json)) return [];
    return [
      ...json.endpointHostname.map(([ip, hostname, wanted, podName, usesPodNames]) => {
        const got = endpointHostname({ ip, hostname, podName }, usesPodNames);
        return result(`endpointHostname ${ip} ${hostname} ${podName} ${usesPodNames}`, got, wanted);
      }),
      ...json.parseRequest.map(runRequest),
      ...json.parseInvalid.map((name) => {
        const zone = ZONES.find((it) => name.endsWith(it))!;
        const got = parseKubernetesName(name, zone) === undefined;
        return result(`parseInvalid ${name}`, got, true);
      }),
      ...json.corefileParse.map(runCorefile),
      ...json.ttlParse.map(runTtl),
    ];
  },
};
