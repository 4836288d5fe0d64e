package io.guardbee.service.lint;

import java.util.Optional;
import java.util.function.Function;

/**
 * One thing that a certificate has to get right.
 *
 * @param section where it is written; of RFC 5280 unless another is named
 * @param look tells what is wrong, if anything
 */
record Check(String name, String section, Function<Draft, Optional<String>> look) {

  static Optional<String> unless(boolean good, String finding) {
    return good ? Optional.empty() : Optional.of(finding);
  }
}
