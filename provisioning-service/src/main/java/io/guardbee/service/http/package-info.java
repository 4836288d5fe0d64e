/** The HTTP door: TLS, who is calling, and errors as callers see them. */
@NullMarked
package io.guardbee.service.http;

import org.jspecify.annotations.NullMarked;
