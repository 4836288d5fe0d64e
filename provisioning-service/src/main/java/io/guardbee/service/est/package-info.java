/** Enrolment over Secure Transport (RFC 7030, RFC 8951) on the wire. */
@NullMarked
package io.guardbee.service.est;

import org.jspecify.annotations.NullMarked;
