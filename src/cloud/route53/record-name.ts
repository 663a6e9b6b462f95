/** cloud/route53/record-name — names as Route 53 keeps them. */

/** Lower case, with the final dot; `\052` is how it lists a leading `*`. */
export const asRecordName = (name: string): string => {
  const plain = name.toLowerCase().replace(/^\\052/, '*');
  return plain.endsWith('.') ? plain : `${plain}.`;
};
