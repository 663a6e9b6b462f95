/**
 * conformance/adapters/lbc-networking — upstream's table tests of subnet discovery and of security
 * groups by name (pkg/networking), each table by the function that it is a test of.
 *
 * Schema: shared vectors lbc/README.md, "tables".
 */

import { FEATURE_GATES } from '../../src/controllers/load-balancer/config/flags.data.ts';
import { resolveSecurityGroups } from '../../src/controllers/load-balancer/security-groups/resolve-security-groups.ts';
import {
  discoverSubnets,
  resolveNamedSubnets,
  selectSubnets,
} from '../../src/controllers/load-balancer/subnets/resolve-subnets.ts';
import type {
  SubnetDemand,
  SubnetRules,
} from '../../src/controllers/load-balancer/subnets/subnet-reads.ts';
import type { SubnetResolution } from '../../src/controllers/load-balancer/subnets/subnet-resolution.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { type Json, listOf, stubbedGroups, stubbedSubnets, wantedText } from '../lbc-aws.ts';

interface Table {
  readonly package: string;
  readonly test: string;
  readonly cases: readonly { readonly name: string; readonly case: Json }[];
}

type Outcome = string | readonly string[];

const idsOf = (resolution: SubnetResolution): Outcome =>
  resolution.kind === 'unresolved'
    ? resolution.text
    : resolution.subnets.map(({ subnetId }) => subnetId);

/** The names upstream's tests are built with. */
function rulesOf(fields: Json): SubnetRules {
  return {
    vpcId: 'vpc-dummy',
    clusterName: 'cluster-dummy',
    featureGates: {
      ...FEATURE_GATES,
      SubnetsClusterTagCheck: fields.clusterTagCheckEnabled === true,
      ALBSingleSubnet: fields.albSingleSubnetEnabled === true,
      SubnetDiscoveryByReachability: fields.discoveryByReachabilityEnabled === true,
    },
  };
}

/** Options are Go functions; what they capture is what they set. */
function demandOf(options: readonly Json[]): SubnetDemand {
  const set = Object.assign({}, ...options.map(({ captured }) => captured)) as Json;
  return {
    type: (set.lbType ?? 'application') as SubnetDemand['type'],
    scheme: (set.lbScheme ?? 'internet-facing') as SubnetDemand['scheme'],
    ipAddressType: (set.ipAddressType ?? set.lbIPAddressType ?? 'ipv4') as 'ipv4',
  };
}

type Runner = (args: Json, fields: Json) => Promise<Outcome>;

const RUNNERS: Readonly<Record<string, Runner>> = {
  Test_defaultSubnetsResolver_ResolveViaDiscovery: async (args, fields) =>
    idsOf(
      await discoverSubnets(stubbedSubnets(fields), rulesOf(fields), demandOf(listOf(args.opts))),
    ),
  Test_defaultSubnetsResolver_ResolveViaSelector: async (args, fields) =>
    idsOf(
      await selectSubnets(
        stubbedSubnets(fields),
        rulesOf(fields),
        demandOf(listOf(args.opts)),
        args.selector as { readonly ids?: readonly string[] },
      ),
    ),
  Test_defaultSubnetsResolver_ResolveViaNameOrIDSlice: async (args, fields) =>
    idsOf(
      await resolveNamedSubnets(
        stubbedSubnets(fields),
        rulesOf(fields),
        demandOf(listOf(args.opts)),
        args.nameOrIDs as readonly string[],
      ),
    ),
  Test_defaultSecurityGroupResolver_ResolveViaNameOrID: async (args) => {
    const found = await resolveSecurityGroups(
      stubbedGroups(listOf(args.describeSGCalls)),
      'vpc-xxyy',
      (args.nameOrIDs ?? []) as readonly string[],
    );
    return 'problem' in found ? found.problem : [...found.groupIds].sort();
  },
};

const isTable = (json: unknown): json is Table => {
  const { package: name, test, cases } = (json ?? {}) as Partial<Table>;
  return name === 'pkg/networking' && Array.isArray(cases) && test !== undefined && test in RUNNERS;
};

function wantedOf(wanted: Json): Outcome {
  const error = wanted.wantErr as { readonly $error?: string } | undefined;
  if (error?.$error !== undefined) return wantedText(error.$error);
  return listOf(wanted.want).map((it) => (typeof it === 'string' ? it : String(it.SubnetId)));
}

export const adapter: Adapter = {
  name: 'lbc/tables pkg/networking',
  accepts: (_path, json) => isTable(json),
  async run(json) {
    if (!isTable(json)) return [];
    const results: CaseResult[] = [];
    for (const { name, case: it } of json.cases) {
      const run = RUNNERS[json.test]!;
      const got = await run((it.args ?? {}) as Json, (it.fields ?? {}) as Json);
      const [wanted, came] = [JSON.stringify(wantedOf(it)), JSON.stringify(got)];
      results.push(wanted === came ? { name } : { name, failure: `wanted ${wanted}, got ${came}` });
    }
    return results;
  },
};
