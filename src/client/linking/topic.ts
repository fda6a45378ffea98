/**
 * The topic of parcels that link a device: all that one may send that is not listed yet.
 */

export const linkTopic = "link";
