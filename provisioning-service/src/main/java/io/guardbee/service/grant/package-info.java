/** Grants: the one-time tokens that let a device enrol. */
@NullMarked
package io.guardbee.service.grant;

import org.jspecify.annotations.NullMarked;
