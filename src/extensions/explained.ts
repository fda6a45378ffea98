/**
 * The errors of extensions in whole sentences. To import this is enough.
 */

import { otherErrorCodes } from "../errors.ts";
import { sentences } from "../rules/sentences.ts";

Object.assign(sentences, otherErrorCodes);
