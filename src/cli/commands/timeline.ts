/** cli/commands/timeline — `ekstwin timeline`: from apply to Running, with times and EC2 calls. */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

export interface TimelineFlags extends TwinFlags {
  readonly namespace?: string;
  readonly output?: 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  ekstwin timeline -f cluster.yaml -f app.yaml               a summary, then the slowest pod
  ekstwin timeline deployment/web -n shop -f .               every step of one workload
  ekstwin timeline pod/web-7d9f-abcde -n shop -f .
  ekstwin timeline ing/web -n shop -f .                      apply → load balancer → healthy targets
  ekstwin timeline svc/shop/api -f .`;

export function timelineCommand(): Command {
  const command = new Command('timeline')
    .summary('apply → ReplicaSet → Pod → scheduled → CNI ADD → Running, with times')
    .argument(
      '[kind/name]',
      'a workload, a pod, ing/… or svc/…; without it, a summary and the slowest pod',
    )
    .option('-n, --namespace <namespace>', 'of the workload or pod')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json', 'yaml']))
    .addHelpText('after', EXAMPLES)
    .action(async (subject: string | undefined, flags: TimelineFlags) => {
      const { printTimeline } = await import('../timeline-answer.ts');
      await printTimeline(await openTwin(flags), subject, flags);
    });
  return addTwinOptions(command);
}
