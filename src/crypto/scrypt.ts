/**
 * scrypt, which makes each guess at what was hashed cost time and memory. RFC 7914
 */

export { scryptAsync as scrypt } from "@noble/hashes/scrypt.js";
