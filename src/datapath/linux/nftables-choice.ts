/**
 * datapath/linux/nftables-choice — `numgen random mod N vmap { … }`: one of N, each as likely as
 * the others. kube-proxy spreads a Service's connections over its endpoints this way.
 */
import type { NftTable } from '../../model/linux/nftables.ts';
import type { NftVerdict } from '../../model/linux/nftables-set.ts';
import type { NftStatement } from '../../model/linux/nftables-statement.ts';
import { formatNftVerdict } from '../../model/linux/nftables-text.ts';
import { formatSocketAddress } from '../../net/index.ts';
import type { Choice } from '../chance.ts';
import type { HookContext } from './hook-context.ts';
import { type RuleTrail, serviceOfChain } from './nftables-evidence.ts';

type Numgen = NftStatement & { kind: 'numgen' };

/** Where a verdict leads: the address its chain rewrites to, or the verdict itself. */
function destinationOf(table: NftTable, verdict: NftVerdict | undefined): string {
  if (verdict === undefined) return 'none';
  const chain = 'chain' in verdict ? table.chain(verdict.chain) : undefined;
  for (const { statements } of chain?.rules ?? []) {
    const dnat = statements.find(({ kind }) => kind === 'dnat');
    if (dnat?.kind !== 'dnat') continue;
    return formatSocketAddress(dnat.address, dnat.port);
  }
  return formatNftVerdict(verdict);
}

const optionsOf = new WeakMap<Numgen, readonly Choice[]>();

/** Of a rule, made once: what each number leads to. */
function choicesOf(table: NftTable, numgen: Numgen): readonly Choice[] {
  const known = optionsOf.get(numgen);
  if (known !== undefined) return known;
  const { modulus, verdicts } = numgen;
  const unlisted = modulus - verdicts.length;
  const options = verdicts.map(({ verdict }) => ({
    label: destinationOf(table, verdict),
    probability: 1 / modulus,
  }));
  if (unlisted > 0) options.push({ label: 'none', probability: unlisted / modulus });
  optionsOf.set(numgen, options);
  return options;
}

/** The verdict for the number drawn in `chain`; undefined where the rule has none for it. */
export function chooseVerdict(
  table: NftTable,
  chain: string,
  numgen: Numgen,
  context: HookContext,
  on: RuleTrail,
): NftVerdict | undefined {
  const options = choicesOf(table, numgen);
  if (options.length < 2) return numgen.verdicts[0]?.verdict;
  const taken = context.chance.choose(options);
  const service = serviceOfChain(chain);
  const label = options[taken]?.label ?? 'none';
  context.recorder.step({
    layer: 'service',
    kind: 'endpoint',
    action: 'choose',
    text: `${service === undefined ? 'by chance' : `Service ${service}`}: endpoint ${label}`,
    evidence: { decisive: on.cite().decisive },
  });
  return numgen.verdicts[taken]?.verdict;
}
