/** cli/commands/env — `eval "$(ekstwin env)"`: this shell's kubectl, aws and curl talk to the twin. */
import { Command } from 'commander';

const EXAMPLES = `
Examples:
  eval "$(ekstwin env)"             KUBECONFIG, throw-away AWS credentials, endpoint, proxy, PATH
  eval "$(ekstwin env --unset)"     as it was before`;

export function envCommand(): Command {
  return new Command('env')
    .summary('what a shell needs to talk to the running twin: eval "$(ekstwin env)"')
    .option('--name <name>', 'which, where several run')
    .option('--unset', 'undo it')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { readonly name?: string; readonly unset?: boolean }) => {
      const { printEnvironment } = await import('../running-answer.ts');
      printEnvironment(flags.name, flags.unset === true);
    });
}
