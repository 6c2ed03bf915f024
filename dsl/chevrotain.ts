/**
 * The parser toolkit, by one door. Chevrotain imports all of lodash-es, 640 modules that take Node 0.4 s to open, so the
 * build makes one module of this file and what it reaches (scripts/bundle-chevrotain.mjs); nobody else imports the package.
 */
export {
  createToken,
  EmbeddedActionsParser,
  EOF,
  type IRecognitionException,
  type IToken,
  Lexer,
  type TokenType,
} from 'chevrotain'
