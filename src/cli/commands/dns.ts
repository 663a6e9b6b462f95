/** cli/commands/dns — `ekstwin dns POD NAME [TYPE]`: what a program in a pod gets for a name. */
import { Command, Option } from 'commander';
import { addTwinOptions, openTwin, type TwinFlags } from '../session.ts';

export interface DnsFlags extends TwinFlags {
  readonly output?: 'json' | 'yaml';
}

const EXAMPLES = `
Examples:
  ekstwin dns shop/web-0 stock -f .                       every query of the search list, in order
  ekstwin dns deploy/shop/web example.com -f .            what five dots (ndots:5) cost
  ekstwin dns node/ip-10-0-1-5 sts.us-west-2.amazonaws.com -f .
  ekstwin dns shop/web-0 _http._tcp.stock.shop.svc.cluster.local SRV -f .
  ekstwin dns shop/web-0 10.0.4.60 -f .                   the name of an address (PTR)

Exit status: 0 the name has an answer; 1 it has none; 2 the command line is wrong.`;

export function dnsCommand(): Command {
  const command = new Command('dns')
    .summary('what a pod or node gets for a name: every query, who answered, the answer')
    .description('Resolve a name as a program in a pod or on a node does (glibc).')
    .argument('<pod>', 'NS/NAME, pod/NS/NAME, deploy/NS/NAME or node/NAME')
    .argument('<name>', 'a name; a final dot makes it whole; an address asks for its name')
    .argument('[type]', 'A, AAAA, CNAME, SRV, PTR, TXT, NS, SOA … (default: A and AAAA)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['json', 'yaml']))
    .addHelpText('after', EXAMPLES)
    .action(async (who: string, name: string, type: string | undefined, flags: DnsFlags) => {
      const { answerDns, parseQuestion } = await import('../dns-answer.ts');
      // A wrong type is told before the time is spent to build the twin.
      const question = parseQuestion(name, type);
      const twin = await openTwin(flags);
      const { text, isResolved } = await answerDns(twin.store, who, question, flags.output);
      process.stdout.write(text);
      if (!isResolved) process.exitCode = 1;
    });
  return addTwinOptions(command);
}
