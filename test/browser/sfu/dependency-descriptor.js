/**
 * The dependency descriptor: a header extension, in clear, that says of which layers a packet is. AV1 RTP payload format,
 * appendix A. Read as far as a router needs it: the mandatory fields, and the layers of the template structure.
 */

/** Reads bits, most significant first. */
class Bits {
  #bytes;
  #place = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  /** @param {number} count @returns {number} */
  read(count) {
    let value = 0;
    for (let rest = count; rest > 0; rest--, this.#place++) {
      const byte = this.#bytes[this.#place >> 3];
      if (byte === undefined) throw new Error("a dependency descriptor ends too early");
      value = value * 2 + ((byte >> (7 - (this.#place & 7))) & 1);
    }
    return value;
  }
}

/** The descriptors of one stream: its structure comes with its key frames, and what follows refers to that. */
export class DependencyDescriptors {
  /** The layers of each template. @type {{ spatial: number, temporal: number }[]} */
  #templates = [];
  #templateOffset = 0;

  /**
   * @param {Uint8Array} bytes of the extension
   * @returns {{ begins: boolean, ends: boolean, isKey: boolean, spatial: number, temporal: number } | undefined} undefined
   *   before the first structure
   */
  read(bytes) {
    const bits = new Bits(bytes);
    const [begins, ends] = [bits.read(1) === 1, bits.read(1) === 1];
    const template = bits.read(6);
    bits.read(16); // frame_number
    let isKey = false;
    if (bytes.length > 3) {
      isKey = bits.read(1) === 1; // template_dependency_structure_present_flag
      bits.read(4); // the other flags: what they announce stands behind the structure
      if (isKey) this.#readStructure(bits);
    }
    const layers = this.#templates[(template + 64 - this.#templateOffset) % 64];
    return layers && { begins, ends, isKey, ...layers };
  }

  /** A.8.2, template_dependency_structure and template_layers. @param {Bits} bits */
  #readStructure(bits) {
    this.#templateOffset = bits.read(6);
    bits.read(5); // dt_cnt_minus_one
    this.#templates = [];
    for (let [spatial, temporal] = [0, 0]; ;) {
      this.#templates.push({ spatial, temporal });
      const next = bits.read(2); // next_layer_idc
      if (next === 3) return;
      if (next === 1) temporal++;
      if (next === 2) [spatial, temporal] = [spatial + 1, 0];
    }
  }
}
