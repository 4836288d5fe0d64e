/** Tests of certificate requests. */
@org.jspecify.annotations.NullMarked
package io.guardbee.service.request;
