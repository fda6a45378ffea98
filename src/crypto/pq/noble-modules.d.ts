/**
 * What is used of @noble/post-quantum: the types hold where the optional peer is not installed, too.
 */

declare module "@noble/post-quantum/ml-kem.js" {
  interface MlKem {
    keygen(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array };
    encapsulate(publicKey: Uint8Array, message: Uint8Array): { cipherText: Uint8Array; sharedSecret: Uint8Array };
    decapsulate(cipherText: Uint8Array, secretKey: Uint8Array): Uint8Array;
  }
  export const ml_kem512: MlKem;
  export const ml_kem768: MlKem;
  export const ml_kem1024: MlKem;
}

declare module "@noble/post-quantum/ml-dsa.js" {
  interface MlDsa {
    keygen(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array };
    sign(message: Uint8Array, secretKey: Uint8Array, options: { extraEntropy: false }): Uint8Array;
    verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  }
  export const ml_dsa44: MlDsa;
  export const ml_dsa65: MlDsa;
  export const ml_dsa87: MlDsa;
}
