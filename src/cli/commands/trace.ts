/** cli/commands/trace — `ekstwin trace FROM TO`: where a packet goes, why, and whether its answer comes back. */
import { Command, Option } from 'commander';
import { LAYERS } from '../../datapath/trace.ts';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';
import type { TraceFlags } from '../trace-answer.ts';

const EXAMPLES = `
FROM and TO:
  pod/NS/NAME[:PORT]   deploy/NS/NAME   sts/NS/NAME   node/NAME[:PORT]   svc/NS/NAME[:PORT]
  ing/NS/NAME[:PORT]   http://name.ns:port/path   name:PORT   IP[:PORT]   internet   apiserver
  i-…[:PORT]   eni-…[:PORT]   db/NAME   aws/SERVICE (s3, dynamodb, sts, ecr, ec2, eks)

Examples:
  ekstwin trace deploy/ui/ui http://catalog.catalog/health -f cluster.yaml -f app.yaml
  ekstwin trace pod/shop/web-0 db/orders -f exports/         which security group is in the way?
  ekstwin trace internet pod/shop/web-0:8080 -f .            why the internet cannot reach a pod
  ekstwin trace internet https://shop.example.com/cart -f .  by name, load balancer and rule to a pod
  ekstwin trace internet ing/shop/web --path /api -f .       which rule takes it, which target?
  ekstwin trace node/ip-10-0-3-10 apiserver -f .             can the node join?
  ekstwin trace deploy/shop/web aws/s3 -f .                  by gateway endpoint, or through NAT?
  ekstwin trace pod/a/x pod/b/y --proto icmp --size 8500 -f .
  ekstwin trace deploy/ui/ui db/orders -o flow-logs -f .     what VPC flow logs would record
  ekstwin trace deploy/ui/ui svc/shop/api -o json -f . | jq .disposition

Exit status: 0 delivered and answered; 1 not, or not always; 2 the input or the command line is wrong.`;

const collected = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  value,
];

export function traceCommand(): Command {
  const command = new Command('trace')
    .summary('where a packet goes and why, what blocks it, and whether the answer comes back')
    .argument('<from>', 'who sends')
    .argument('<to>', 'what it is sent to')
    .option('--proto <protocol>', 'tcp, udp, sctp, icmp or icmpv6', 'tcp')
    .option('--icmp <type[/code]>', 'ICMP type and code (with --proto icmp); default echo request')
    .option('--size <bytes>', 'length of the IP packet, "do not fragment" set')
    .option('--from-port <port>', 'source port', '40000')
    .option('-n, --namespace <name>', 'namespace of ends that name none', 'default')
    .option('--host <name>', 'Host header, for load balancers that look at requests')
    .option('--path <path[?query]>', 'path of the request')
    .option('--method <method>', 'method of the request; default GET')
    .option('--header <name:value>', 'header of the request; repeatable', collected, [])
    .option('--all-backends', 'every backend in full, not one of each outcome')
    .option('--distribution', "each pod's share of the connections, and what crosses zones")
    .option('--no-return', 'do not look at the way back')
    .addOption(new Option('--layer <layer>', 'only steps of this layer').choices(LAYERS))
    .option('-v, --verbose', 'every rule that decided, and what was considered')
    .addOption(
      new Option('-o, --output <format>', 'how to print')
        .choices(['text', 'json', 'yaml', 'mermaid', 'flow-logs'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (from: string, to: string, flags: TwinFlags & TraceFlags) => {
      const { printTrace, readTraceFlags } = await import('../trace-answer.ts');
      const question = readTraceFlags(from, to, flags);
      process.exitCode = await printTrace(await openTwin(flags), question, flags);
    });
  return addTwinOptions(command);
}
