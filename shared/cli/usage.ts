// What commander finds wrong with a command line, as a failure with the house's sentence.

import type { CommanderError } from 'commander';
import { NigaoeError } from '../errors.js';

/** The sentence per kind of mistake; `word` is what commander quotes. */
const SENTENCES: Readonly<Record<string, (word: string) => string>> = {
  'commander.unknownOption': (word) => `Expected a known option but received ${word}`,
  'commander.unknownCommand': (word) => `Expected a known command but received ${word}`,
  'commander.missingArgument': (word) => `Expected a value for <${word}> but received none`,
  'commander.optionMissingArgument': (word) => `Expected a value for ${word} but received none`,
  'commander.missingMandatoryOptionValue': (word) => `Expected the option ${word} but it is not there`,
};

/** The failure that a CommanderError means; its hint is commander's suggestion, or where the help is. */
export function usageFailure({ code, message }: CommanderError): NigaoeError {
  const [first, ...rest] = message.replace(/^error: /, '').split('\n');
  const word = /'([^']+)'/.exec(first)?.[1] ?? '';
  const guess = /Did you mean (.+)\?/.exec(rest.join(' '))?.[1];
  return new NigaoeError('options', SENTENCES[code]?.(word) ?? first, {
    hint: guess === undefined ? 'Add --help to see what the command takes.' : `Did you mean ${guess}?`,
  });
}
