/** Enrolment of many devices: tokens in bulk and batches of requests in one stream. */
@NullMarked
package io.guardbee.service.factory;

import org.jspecify.annotations.NullMarked;
