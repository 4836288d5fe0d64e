/** The way of a certificate: request, approved, to be signed, reserved, signed, completed. */
@NullMarked
package io.guardbee.service.issuance;

import org.jspecify.annotations.NullMarked;
