/**
 * How many units a frame may be made of: NAL units of H264, OBUs of AV1.
 *
 * Encoders make a few, and one a slice or tile group where each is to fit in a packet: a frame of 4 MiB in slices of 1,100
 * bytes has 3,813. What has more is refused when the next one is met, and nothing is allocated for any of them.
 */
export const maxFrameUnits = 4096;
