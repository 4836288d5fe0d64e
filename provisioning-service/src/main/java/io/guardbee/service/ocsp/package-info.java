/** Answers about the status of one certificate at a time (RFC 6960, RFC 5019, RFC 9654). */
@NullMarked
package io.guardbee.service.ocsp;

import org.jspecify.annotations.NullMarked;
