/** cli/lb-answer — answers `lb`: the load balancers of a twin, in a table or as data. */
import { assumedAnswers } from '../analysis/load-balancer/assumed-answers.ts';
import { makerText } from '../analysis/load-balancer/maker.ts';
import {
  type LoadBalancerSummary,
  loadBalancers,
  priceBasis,
} from '../analysis/load-balancer/summary.ts';
import { withoutBalancer } from '../analysis/load-balancer/without.ts';
import { InputError } from '../model/input-error.ts';
import { nearestWords } from '../model/nearest.ts';
import type { Twin } from '../twin/twin.ts';
import type { LbFlags } from './commands/lb.ts';
import { loadBalancersText } from './render/lb.ts';
import { asJson, asYaml } from './render/structured.ts';
import { noteLines } from './session.ts';

export async function printLoadBalancers(
  twin: Twin,
  names: readonly string[],
  { output, quiet }: LbFlags,
): Promise<void> {
  const { region } = twin.cloud;
  const rows = chosen(loadBalancers(twin.store, region), names);
  const basis = priceBasis(region);
  if (quiet !== true) for (const line of noteLines(assumedAnswers(twin.store))) console.error(line);
  const without = names.length === 0 ? withoutBalancer(twin.store) : [];
  const value = { prices: basis, loadBalancers: rows, without };
  if (output === 'json') console.log(asJson(value));
  else if (output === 'yaml') console.log(await asYaml(value));
  else console.log(loadBalancersText(rows, basis, output === 'wide', without));
}

/** What a load balancer can be called by. */
const namesOf = ({ name, dnsName, maker, ingresses }: LoadBalancerSummary): string[] => [
  name,
  dnsName,
  ...(maker === undefined ? [] : [makerText(maker), maker.key]),
  ...ingresses.map((key) => `ing/${key}`),
];

function chosen(
  all: readonly LoadBalancerSummary[],
  names: readonly string[],
): readonly LoadBalancerSummary[] {
  if (names.length === 0) return all;
  return names.map((name) => {
    const hit = all.find((it) => namesOf(it).includes(name));
    if (hit !== undefined) return hit;
    const near = nearestWords(name, all.flatMap(namesOf));
    throw new InputError(
      `lb ${name}`,
      'no load balancer is called so, and no object of this name has one',
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : 'ekstwin lb lists them; ekstwin lb explain ing/NS/NAME says why there is none',
    );
  });
}
