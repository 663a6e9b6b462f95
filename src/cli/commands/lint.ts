/** cli/commands/lint — `ekstwin lint`: what is wrong with annotations and load balancer manifests. */
import { Command, Option } from 'commander';
import type { TwinFlags } from '../session.ts';
import { addTwinOptions } from '../session.ts';

export interface LintFlags extends TwinFlags {
  readonly strict?: boolean;
  readonly advice: boolean;
  readonly output: 'text' | 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  ekstwin lint -f ingress.yaml                     needs no cluster: annotations, values, conflicts
  helm template ./chart | ekstwin lint -f -        what a chart would apply
  ekstwin lint -f cluster.yaml -f app.yaml         subnets, certificates, what controllers say, too
  ekstwin lint -f manifests --strict               warnings fail as errors do
  ekstwin lint -f manifests -o json                one object for every finding, for a pipeline

Exit status: 0 nothing worse than warnings; 1 errors (with --strict: warnings too); 2 the files
cannot be read.`;

export function lintCommand(): Command {
  const command = new Command('lint')
    .summary(
      'wrong, unknown and contradicting annotations; Ingresses and Services that do not work',
    )
    .description(
      'Checks Ingress, Service, IngressClass and IngressClassParams objects against what the AWS ' +
        'Load Balancer Controller and AWS make of them: every annotation known or not, its value, ' +
        'conflicts within an object and within an IngressGroup, deprecated ones with what replaces ' +
        'them, paths and backends that do not do what they seem to.',
    )
    .option('--strict', 'exit with 1 for warnings too')
    .option('--no-advice', 'errors and warnings only')
    .addOption(
      new Option('-o, --output <format>', 'how to print')
        .choices(['text', 'json', 'yaml'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: LintFlags) => {
      const { printLint } = await import('../lint-answer.ts');
      process.exitCode = await printLint(flags);
    });
  return addTwinOptions(command);
}
