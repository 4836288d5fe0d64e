/** Enrolment over Secure Transport (RFC 7030), the client's side. */
@NullMarked
package io.guardbee.agent.enrol;

import org.jspecify.annotations.NullMarked;
