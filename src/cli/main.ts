#!/usr/bin/env node
/**
 * cli/main — `ekstwin`. Declares the commands; each loads what it needs only when it runs, so
 * `--help` stays instant.
 */
import { Command } from 'commander';
import { awsCommand } from './commands/aws.ts';
import { capacityCommand } from './commands/capacity.ts';
import { dnsCommand } from './commands/dns.ts';
import { downCommand } from './commands/down.ts';
import { envCommand } from './commands/env.ts';
import { eventsCommand } from './commands/events.ts';
import { execCommand } from './commands/exec.ts';
import { exportCommand } from './commands/export.ts';
import { flowLogsCommand } from './commands/flow-logs.ts';
import { getCommand } from './commands/get.ts';
import { installCommand } from './commands/install.ts';
import { kubectlCommand } from './commands/kubectl.ts';
import { lbCommand } from './commands/lb.ts';
import { lintCommand } from './commands/lint.ts';
import { maxPodsCommand } from './commands/max-pods.ts';
import { networkCommand } from './commands/network.ts';
import { nodeCommand } from './commands/node.ts';
import { statusCommand } from './commands/status.ts';
import { storyCommand } from './commands/story.ts';
import { timelineCommand } from './commands/timeline.ts';
import { traceCommand } from './commands/trace.ts';
import { upCommand } from './commands/up.ts';
import { whoisCommand } from './commands/whois.ts';
import { reportFailure } from './failure.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  ekstwin trace deploy/ui/ui http://catalog.catalog/ -f cluster.yaml -f app.yaml   will it get there?
  ekstwin get pods -A -o wide -f cluster.yaml -f app.yaml   every pod with its VPC address
  ekstwin network -f cluster.yaml -f app.yaml               the network as a tree
  ekstwin capacity -f cluster.yaml -f app.yaml              what is left, and what fails next
  ekstwin capacity -f . --set-env daemonset/aws-node:WARM_IP_TARGET=2   … with another setting
  ekstwin timeline -f cluster.yaml -f app.yaml              apply → CNI ADD → Running, with times
  ekstwin max-pods m5.large m5.4xlarge                      max pods in every CNI mode
  ekstwin export ./twin -f cluster.yaml                     the twin as aws and kubectl exports

-f takes eksctl ClusterConfig, CloudFormation, Kubernetes YAML or JSON, "kubectl get -o json" lists
and "aws … describe-*" output: files, folders or - for standard input, told apart by content.
Exit status: 0 it worked; 1 it failed; 2 the input or the command line is wrong.`;

const program = new Command('ekstwin')
  .description('A working Amazon EKS network on your own machine, from the files you have.')
  .version(VERSION)
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(ekstwin --help shows what there is)')
  .configureOutput({
    outputError: (text, write) => write(`ekstwin: ${text.replace(/^error: /, '')}`),
  })
  // What stands behind a subcommand is the subcommand's: some know the same options.
  .enablePositionalOptions()
  .exitOverride();

for (const command of [
  upCommand(),
  downCommand(),
  statusCommand(),
  envCommand(),
  kubectlCommand(),
  awsCommand(),
  installCommand(),
  traceCommand(),
  getCommand(),
  networkCommand(),
  nodeCommand(),
  execCommand(),
  lbCommand(),
  lintCommand(),
  whoisCommand(),
  flowLogsCommand(),
  dnsCommand(),
  capacityCommand(),
  maxPodsCommand(),
  timelineCommand(),
  eventsCommand(),
  exportCommand(),
  storyCommand(),
]) {
  command.exitOverride().copyInheritedSettings(program);
  program.addCommand(command);
}

// Whoever reads only the beginning (`| head`) goes away early: what is left is written to nobody.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
  });

try {
  await program.parseAsync();
} catch (failure) {
  process.exitCode = reportFailure(failure);
}
