/**
 * A chain of certificates as OpenSSL writes it, in base64 of their DER: a root, an authority for devices, and a device whose name is a
 * URI among its subject's other names (-addext subjectAltName=URI:mimi://example.org/d/erin/laptop). `otherMid` is the same authority,
 * signed by a root of the same name that is another.
 */

const base64: Readonly<Record<"root" | "mid" | "otherMid" | "leaf", string>> = {
  root:
    "MIIBVTCCAQegAwIBAgIUIu9ra+uoQPNBqQqA7pGLpkjx7TAwBQYDK2VwMBcxFTATBgNVBAMMDEV4YW1wbGUgUm9vdDAgFw0yNjExMjkwMTQwND" +
    "ZaGA8yMTI2MTEwNTAxNDA0NlowFzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MCowBQYDK2VwAyEAHgqBEAL7law74/hRZRPfonchchUzeNX29Co2" +
    "VHskn7SjYzBhMB0GA1UdDgQWBBSLJjX7WEY2EHwkuL1mCTmjqBtZNjAfBgNVHSMEGDAWgBSLJjX7WEY2EHwkuL1mCTmjqBtZNjAPBgNVHRMBAf" +
    "8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAFBgMrZXADQQBUbNUtFZ/Gc26LxJHV2GINzbewJ4OSGhSOLZjqUSaKKJ110a/b32cFYPy0IiieFB7U" +
    "GmX4HN+jKTIV/+YDIk8P",
  mid:
    "MIIBRzCB+qADAgECAgECMAUGAytlcDAXMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3QwIBcNMjYxMTI5MDE0MDQ2WhgPMjEyNjExMDUwMTQwNDZaMB" +
    "oxGDAWBgNVBAMMD0V4YW1wbGUgRGV2aWNlczAqMAUGAytlcAMhAJpfidwedJSjzcoLfD9IOvDzgTbNb9UDyXCFX4MocFEjo2YwZDASBgNVHRMB" +
    "Af8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwICBDAdBgNVHQ4EFgQUpwl+ZMY41sQ8J/b0ThpmEo6R9ggwHwYDVR0jBBgwFoAUiyY1+1hGNhB8JL" +
    "i9Zgk5o6gbWTYwBQYDK2VwA0EAHcopOCHo7Q4wrS2gUJcTi7/IqjnyxVYkmLIqDVs+7ZUm13pMsh2dyKdBtV8FuQ+jH8xR/yajuk5+jyNSciJv" +
    "DQ==",
  otherMid:
    "MIIBRzCB+qADAgECAgECMAUGAytlcDAXMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3QwIBcNMjYxMTI5MDE0MDQ2WhgPMjEyNjExMDUwMTQwNDZaMB" +
    "oxGDAWBgNVBAMMD0V4YW1wbGUgRGV2aWNlczAqMAUGAytlcAMhAJpfidwedJSjzcoLfD9IOvDzgTbNb9UDyXCFX4MocFEjo2YwZDASBgNVHRMB" +
    "Af8ECDAGAQH/AgEAMA4GA1UdDwEB/wQEAwICBDAdBgNVHQ4EFgQUpwl+ZMY41sQ8J/b0ThpmEo6R9ggwHwYDVR0jBBgwFoAU/HfoRKE8bp0DlO" +
    "PxAU31MfRiUIkwBQYDK2VwA0EAZpi/GMNAcnURQIXp7/TuTRJu0RN/wUlvT9KzE1FIVlk9oKZyAqyz2ZKk7ykNbUv4R0P6f8d8SBj1FnopzA2R" +
    "CA==",
  leaf:
    "MIIBVzCCAQmgAwIBAgIBAzAFBgMrZXAwGjEYMBYGA1UEAwwPRXhhbXBsZSBEZXZpY2VzMCAXDTI2MTEyOTAxNDA0NloYDzIxMjYxMTA1MDE0MD" +
    "Q2WjAPMQ0wCwYDVQQDDARlcmluMCowBQYDK2VwAyEApkQCkgYlDO7QpeK93FffY1+VBlvkWVbb/EHOnWtUTz2jfTB7MAwGA1UdEwEB/wQCMAAw" +
    "KwYDVR0RBCQwIoYgbWltaTovL2V4YW1wbGUub3JnL2QvZXJpbi9sYXB0b3AwHQYDVR0OBBYEFPxH3HKqYallQjEGmT2rXJFei7clMB8GA1UdIw" +
    "QYMBaAFKcJfmTGONbEPCf29E4aZhKOkfYIMAUGAytlcANBADVDSVYiU3TfwdEK5BRb3vPIg0HFPFnhciNUcU+5OzCCyNYe0Ii6XkJX9rGO+sPh" +
    "QOBvlQsHcBnurRv+iZ8WiQ4=",
};

/** A certificate of the chain. */
export function chained(name: keyof typeof base64): Uint8Array {
  return new Uint8Array(Buffer.from(base64[name], "base64"));
}

/** The device's private key. */
export const deviceKey: Uint8Array = new Uint8Array(
  Buffer.from("656056bdbbf771aba54b79c1a8c0db49b281117e142c778553a9decfcd48a821", "hex"),
);
