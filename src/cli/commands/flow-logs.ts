/** cli/commands/flow-logs — `ekstwin flow-logs ID`: what a flow log of the running twin holds. */
import { Command } from 'commander';

const EXAMPLES = `
AWS delivers flow logs to CloudWatch Logs, S3 or Firehose; ekstwin has none of them, so read
them here. Recorded are flows of programs in the twin (kubectl exec … curl), the newest 10,000
lines a log, in memory. What a flow would leave behind: ekstwin trace FROM TO -o flow-logs

Examples:
  id=$(aws ec2 create-flow-logs --resource-type VPC --resource-ids vpc-0… \\
       --traffic-type REJECT --log-destination-type s3 \\
       --log-destination arn:aws:s3:::any --query 'FlowLogIds[0]' --output text)
  kubectl exec deploy/ui -- curl -m 2 orders-db:5432
  ekstwin flow-logs $id
  ekstwin get flow-logs                              which there are`;

export function flowLogsCommand(): Command {
  return new Command('flow-logs')
    .summary('what a VPC flow log of the running twin holds')
    .argument('<flow-log-id>', 'fl-…, as aws ec2 create-flow-logs answered')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string) => {
      const { printFlowLog } = await import('../flow-logs-answer.ts');
      await printFlowLog(id);
    });
}
