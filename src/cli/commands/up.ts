/** cli/commands/up — `ekstwin up`: a twin that stays up, for real kubectl and the real aws. */
import { Command } from 'commander';
import { addTwinOptions } from '../session.ts';
import type { UpFlags } from '../up-answer.ts';

const EXAMPLES = `
Examples:
  ekstwin up -f cluster.yaml -f app.yaml          build it and serve it; then elsewhere:
    eval "$(ekstwin env)"                         kubectl, aws and curl talk to the twin
    kubectl get pods -A -o wide
    aws ec2 describe-subnets
  ekstwin up                                      go on with what is kept
  ekstwin up -f . --data memory --speed max       nothing kept, nothing waited for
  ekstwin up -f . --detach                        in the background; "ekstwin down" stops it

Time goes as the clock on the wall does. --speed 10x or max hurries work that is under way (a load
balancer in the making, a rollout); an idle twin waits for the wall again.`;

export function upCommand(): Command {
  const command = new Command('up')
    .summary('keep a twin running: real kubectl and the real aws CLI work on it')
    .description(
      'Build a twin, or go on with one that is kept, and serve its Kubernetes API and its AWS API ' +
        'on this machine until it is stopped.',
    )
    .option('--name <name>', 'what to call it, where several run (default: "default")')
    .option('--data <folder>', 'where changes are kept, or "memory" (default: a folder of yours)')
    .option('--fresh', 'throw away what is kept, and begin anew')
    .option('--speed <factor>', 'how work under way is hurried: 1x, 10x, … or max', '1x')
    .option('--listen <address>', 'listen there, not on loopback only; clients need the secrets')
    .option('--port <port>', 'of the Kubernetes API (default: 6443, or a free one)')
    .option('--aws-port <port>', 'of the AWS API (default: 4566, or a free one)')
    .option(
      '--proxy-port <port>',
      'of the proxy for curl and browsers (default: 8888, or a free one)',
    )
    .option('--answers <file>', 'what images answer over HTTP: path, status, headers, body')
    .option('--throttle', 'the AWS API throttles its callers as Amazon does an account')
    .option('-v, --verbose', 'a line for every request')
    .option('-d, --detach', 'in the background')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: UpFlags) => {
      const { up } = await import('../up-answer.ts');
      await up(flags);
    });
  return addTwinOptions(command);
}
