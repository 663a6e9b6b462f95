/**
 * cli/lint-answer — answers `lint`: reads the files, builds the cluster where they describe one, and
 * prints what is wrong.
 */
import { clusterChecks } from '../analysis/load-balancer/lint/cluster-checks.ts';
import { type Finding, inReadingOrder } from '../analysis/load-balancer/lint/finding.ts';
import { lint } from '../analysis/load-balancer/lint/lint.ts';
import { type LintInput, lintInput } from '../analysis/load-balancer/lint/linted.ts';
import { type Inputs, readInputs } from '../formats/index.ts';
import { InputError } from '../model/input-error.ts';
import type { Twin } from '../twin/twin.ts';
import type { LintFlags } from './commands/lint.ts';
import { readInputFiles } from './input-files.ts';
import { type LintReport, lintText } from './render/lint.ts';
import { asJson, asYaml } from './render/structured.ts';
import { noteLines, openTwin } from './session.ts';

/** What only a cluster can tell. */
const NEEDS_CLUSTER = [
  'subnets of the load balancers',
  'certificates and security groups that exist',
  'what the controller itself says',
  'health of targets',
];

/** Prints the findings and returns the exit status. */
export async function printLint(flags: LintFlags): Promise<number> {
  if (flags.file === undefined || flags.file.length === 0) {
    throw new InputError(
      'the command line',
      'nothing to look at',
      'add -f PATH: manifests, a folder of them, or - for standard input',
    );
  }
  const inputs = readInputs(readInputFiles(flags.file), flags.defaultNamespace);
  const twin = describesCluster(inputs) ? await openTwin(flags) : undefined;
  if (twin === undefined && flags.quiet !== true) {
    for (const line of noteLines(inputs.notes)) console.error(line);
  }
  const input = lintInput(inputs.objects, twin?.store);
  const report = reportOf(input, twin, flags);
  if (flags.output === 'json') console.log(asJson(report));
  else if (flags.output === 'yaml') console.log(await asYaml(report));
  else console.log(lintText(report));
  const { errors, warnings } = report.counts;
  return errors > 0 || (flags.strict === true && warnings > 0) ? 1 : 0;
}

const describesCluster = ({ clusterConfigs, templates, aws }: Inputs): boolean =>
  clusterConfigs.length + templates.length > 0 ||
  Object.values(aws.nouns).some((nouns) => (nouns as ReadonlyMap<string, unknown>).size > 0);

function reportOf(input: LintInput, twin: Twin | undefined, flags: LintFlags): LintReport {
  const ofCluster = twin === undefined ? [] : clusterChecks(input, twin.store);
  const findings = inReadingOrder([...lint(input), ...ofCluster]).filter(
    ({ severity }) => flags.advice || severity !== 'advice',
  );
  const count = (severity: Finding['severity']): number =>
    findings.filter((it) => it.severity === severity).length;
  return {
    findings,
    counts: { errors: count('error'), warnings: count('warning'), advice: count('advice') },
    checked: { ingresses: input.ingresses.length, services: input.services.length },
    notChecked: twin === undefined ? NEEDS_CLUSTER : [],
  };
}
