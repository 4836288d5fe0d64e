/** Identity as values: device id, subject, serial number, fingerprint, and their encodings. */
@NullMarked
package io.guardbee.pki;

import org.jspecify.annotations.NullMarked;
